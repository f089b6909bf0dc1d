import { Module } from '@nestjs/common';
import { IngressService } from './ingress.service.js';
import { EventsController } from './rest/events.controller.js';

@Module({ controllers: [EventsController], providers: [IngressService], exports: [IngressService] })
export class IngressModule {}
